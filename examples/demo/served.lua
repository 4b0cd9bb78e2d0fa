-- wrk: counts responses by the server that they name, and errors.
local threads = {}

function setup(thread)
	table.insert(threads, thread)
end

function init()
	served = {}
end

function response(_, headers)
	local name = headers["X-Server"] or "?"
	served[name] = (served[name] or 0) + 1
end

function done(summary)
	for _, thread in ipairs(threads) do
		for name, count in pairs(thread:get("served")) do
			io.write("served ", name, " ", count, "\n")
		end
	end
	local e = summary.errors
	io.write("errors ", e.connect + e.read + e.write, " ", e.status, " ",
		 e.timeout, "\n")
end
