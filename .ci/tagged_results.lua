-- An output handler of busted: a line for each spec as soon as it ended, into the file that EKO_TAGGED_RESULTS names: what became
-- of it, its #harm tags, its full name, the message's first line; between tabs; `end` after the last one. It is written as it
-- happens, so that nothing is lost when the run is cut short.
local results = assert(io.open(os.getenv "EKO_TAGGED_RESULTS", "ab"))
results:setvbuf "line"

local function one_line(text)
  return (tostring(text or ""):gsub("^%s+", ""):match "^[^\n]*":gsub("%c", " "))
end

return function()
  local busted = require "busted"
  local handler = require "busted.outputHandlers.base"()
  local messages = {} -- element -> why it failed

  local function write(status, element, message)
    local name = element.descriptor == "file" and "(the whole file)" or handler.getFullName(element)
    local tags = {}
    for tag in name:gmatch "#harm%d%d" do tags[#tags + 1] = tag end
    results:write(status, "\t", table.concat(tags, " "), "\t", one_line(name), "\t", one_line(message), "\n")
  end

  local function failed(element, _, message)
    if element.descriptor == "it" then
      messages[element] = messages[element] or message
    else -- a file that cannot be loaded, a setup that fails: none of what stands in it was run
      write("error", element, message)
    end
    return nil, true
  end

  busted.subscribe({ "failure" }, failed)
  busted.subscribe({ "error" }, failed)
  busted.subscribe({ "test", "end" }, function(element, _, status)
    write(tostring(status), element, messages[element])
    return nil, true
  end)
  busted.subscribe({ "suite", "end" }, function()
    results:write "end\n"
    return nil, true
  end)
  return handler
end
