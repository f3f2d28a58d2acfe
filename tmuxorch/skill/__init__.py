"""The skill that makes a Codex session a lead, and its way into Codex: the skill's directory and the entry of our MCP
server in Codex's configuration. This directory is the skill itself (`.agents/skills/tmuxorch` leads here)."""
