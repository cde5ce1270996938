--- Transactions of every rail.
-- @module eko.catalog.transactions
return {
  {
    slug = "transaction-inquiry", method = "GET", path = "/tools/reference/transaction/{transaction-reference}",
    about = "what became of a transaction",
    params = {
      "initiator_id!", "user_code", "client_ref_id",
      {
        "transaction-reference!", type = "string", format = "transaction-reference",
        from = "the tid of a transfer, or client_ref_id: followed by your own reference of it",
      },
    },
    role = "inquiry",
  },
}
