--- The version of the library; the rockspec repeats it (spec/project/rockspec_spec.lua holds it to that).
return "0.1.0"
