// The commands there are. Each is loaded when it is asked for: they need much that the others do not.
import type { Command } from "commander";

/** In the order of --help. */
export const commands: Record<string, () => Promise<Command>> = {
  serve: async () => (await import("./serve.js")).serveCommand(),
  pub: async () => (await import("./pub.js")).pubCommand(),
  sub: async () => (await import("./sub.js")).subCommand(),
  chat: async () => (await import("./chat.js")).chatCommand(),
  channels: async () => (await import("./channels.js")).channelsCommand(),
  members: async () => (await import("./members.js")).membersCommand(),
  history: async () => (await import("./history.js")).historyCommand(),
  nodes: async () => (await import("./nodes.js")).nodesCommand(),
  sessions: async () => (await import("./sessions.js")).sessionsCommand(),
  disconnect: async () => (await import("./disconnect.js")).disconnectCommand(),
  retention: async () => (await import("./retention.js")).retentionCommand(),
  top: async () => (await import("./top.js")).topCommand(),
  explain: async () => (await import("./explain.js")).explainCommand(),
  drain: async () => (await import("./drain.js")).drainCommand(),
  bench: async () => (await import("./bench.js")).benchCommand(),
  context: async () => (await import("./context.js")).contextCommand(),
  config: async () => (await import("./config.js")).configCommand(),
  doctor: async () => (await import("./doctor.js")).doctorCommand(),
  cert: async () => (await import("./cert.js")).certCommand(),
  token: async () => (await import("./token.js")).tokenCommand(),
};

export const allCommands = (): Promise<Command[]> => Promise.all(Object.values(commands).map((load) => load()));
