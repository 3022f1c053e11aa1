-- Drives the server from a real Neovim (0.7 and later) and prints what it saw, one JSON text a line.
local server, file = vim.env.POLICY_LSP, vim.env.POLICY_FILE
local function say(what, value)
  io.stdout:write(vim.fn.json_encode({ what, value }), "\n")
end
local client_id = vim.lsp.start_client({
  name = "policy-lint",
  cmd = vim.fn.json_decode(server),
  root_dir = vim.fn.fnamemodify(file, ":h"),
})
vim.cmd("edit " .. vim.fn.fnameescape(file))
vim.lsp.buf_attach_client(0, client_id)
local function codes()
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do
    found[one.code or "?"] = true
  end
  return found
end
vim.wait(30000, function() return codes()["RTE006"] end, 20)
say("found", codes()["RTE006"] or false)
local client = vim.lsp.get_client_by_id(client_id)
local function ask(method, params)
  local answer = client.request_sync(method, params, 10000, 0)
  return answer and answer.result
end
local line = vim.fn.search("all|view")
vim.api.nvim_win_set_cursor(0, { line, (vim.fn.getline(line):find("view")) })
local here = vim.lsp.util.make_position_params(0, client.offset_encoding)
say("hover", ask("textDocument/hover", here).contents.value)
say("definitions", #ask("textDocument/definition", here))
local everything = { start = { line = 0, character = 0 }, ["end"] = { line = 9999, character = 0 } }
local actions = ask("textDocument/codeAction", {
  textDocument = here.textDocument, range = everything, context = { diagnostics = {} },
})
for _, action in ipairs(actions) do
  if action.title:find("^Write post") then
    vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
  end
end
vim.wait(30000, function() return not codes()["RTE006"] end, 20)
say("still found", codes()["RTE006"] or false)
say("line", vim.fn.getline(vim.fn.search("/stow") - 1))
client.stop()
vim.wait(10000, function() return client.is_stopped() end, 20)
say("stopped", client.is_stopped())
vim.cmd("qa!")
