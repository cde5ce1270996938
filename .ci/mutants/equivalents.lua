-- Mutants that no spec can notice: file -> function -> { { why = the reason, the changed line, ... }, ... }.
return {}
