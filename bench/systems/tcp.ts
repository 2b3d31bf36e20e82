// What the machine allows: the same messages, written to plain TCP sockets by a Node process that looks at nothing and keeps
// nothing; what it reads in one piece (64 KiB at most) it writes in one piece to each. There is one channel. A client says
// in its first byte what it is: a publisher (P) or a subscriber (S). Each message has its length in front, in 4 bytes, as
// messages must have that are not all of one size.
import { once } from "node:events";
import { connect } from "node:net";
import { program, told } from "../child.js";
import type { Servers, Session, System } from "../system.js";
import { NotOffered } from "../system.js";

async function start(): Promise<Servers> {
  const server = program("systems/tcp-server.ts");
  const { port } = await told<{ port: number }>(server);
  return {
    address: `${port}`,
    processes: [{ role: "broker", pid: server.pid! }],
    version: `Node ${process.version}`,
    async stop() {
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
    },
  };
}

const prefixBytes = 4;

function framed(messages: readonly Buffer[]): Buffer {
  const bytes = Buffer.allocUnsafe(messages.reduce((sum, { length }) => sum + prefixBytes + length, 0));
  let at = 0;
  for (const message of messages) {
    at = bytes.writeUInt32BE(message.length, at);
    bytes.set(message, at);
    at += message.length;
  }
  return bytes;
}

/** Passes on the messages that are complete; returns the rest. */
function unframe(bytes: Buffer, receive: (data: Uint8Array) => void): Buffer {
  let at = 0;
  while (at + prefixBytes <= bytes.length) {
    const end = at + prefixBytes + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    receive(bytes.subarray(at + prefixBytes, end));
    at = end;
  }
  return bytes.subarray(at);
}

async function open(address: string): Promise<Session> {
  const socket = connect({ port: Number(address), host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  let publishing = false;
  return {
    publish(_channel, messages) {
      if (!publishing) socket.write("P");
      publishing = true;
      return new Promise((resolve) => socket.write(framed(messages), resolve));
    },
    async subscribe(channels, from, receive) {
      if (from !== "new" || channels.length !== 1)
        throw new NotOffered("plain sockets keep nothing and know one channel");
      let rest: Buffer = Buffer.alloc(0);
      socket.write("S");
      const [hello] = (await once(socket, "data")) as [Buffer];
      if (hello.length !== 1) throw new Error("the server said more than its byte");
      socket.on("data", (data: Buffer) => {
        rest = unframe(rest.length > 0 ? Buffer.concat([rest, data]) : data, receive);
      });
    },
    close: async () => void socket.destroy(),
  };
}

export const systems: readonly System[] = [
  { name: "tcp", title: "plain TCP sockets", durability: "not kept", start, open },
];
