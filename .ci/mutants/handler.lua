-- An output handler of busted: says which spec file is being run, and what failed first.
return function()
  local busted = require "busted"
  local handler = require "busted.outputHandlers.base"()

  busted.subscribe({ "file", "start" }, function(file)
    io.stdout:write("\nmutants: file\t", file.name, "\n")
    io.stdout:flush()
    return nil, true
  end)
  local function failed(element, _, message)
    io.stdout:write("\nmutants: failed\t", tostring(element.name), "\t", tostring(message), "\n")
    io.stdout:flush()
    return nil, true
  end
  busted.subscribe({ "failure" }, failed)
  busted.subscribe({ "error" }, failed)
  return handler
end
