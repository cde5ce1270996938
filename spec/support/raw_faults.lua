--- What can go wrong with an answer: { what, the steps of a raw server, err.name, err.sent }. A client of these allows 1000 bytes of
-- body and less than 2 s.

local LONG = ("x"):rep(70000)
return {
  { "closed before an answer", { { "read" }, { "close" } }, "connection_closed", nil },
  { "reset before an answer", { { "read" }, { "reset" } }, "connection_reset", nil },
  { "no answer in time", { { "read" }, { "sleep", 2 } }, "timeout", nil },
  { "closed in the head", { { "read" }, { "send", "HTTP/1.1 200 OK\r\ncontent-le" }, { "close" } }, "connection_closed", true },
  { "closed in the body", { { "read" }, { "send", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc" } }, "connection_closed", true },
  { "reset in the body", { { "read" }, { "send", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc" }, { "sleep", 0.2 }, { "reset" } },
    "connection_reset", true },
  { "late in the body", { { "read" }, { "send", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc" }, { "sleep", 2 } }, "timeout", true },
  { "no HTTP at all", { { "read" }, { "send", "220 mail.example ESMTP\r\n" }, { "sleep", 1 } }, "malformed_response", nil },
  { "a malformed header", { { "read" }, { "send", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n" }, { "sleep", 1 } }, "malformed_response", true },
  { "a malformed chunk",
    { { "read" }, { "send", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n" }, { "sleep", 1 } }, "malformed_response", true },
  { "two lengths", { { "read" }, { "send", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab" }, { "sleep", 1 } },
    "malformed_response", true },
  { "an over-long header", { { "read" }, { "send", "HTTP/1.1 200 OK\r\nx: " .. LONG }, { "sleep", 1 } }, "response_too_large", true },
  { "an over-long body", { { "read" }, { "send", "HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n" }, { "sleep", 1 } }, "response_too_large", true },
}
