"""`tmuxorch mcp`: any MCP client may lead the work. It asks the controller over its socket, as the command line does,
and what only a human may decide it offers to nobody."""
