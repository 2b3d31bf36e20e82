// What the machine allows: the same bytes, written to plain TCP sockets by a Node process that looks at nothing and keeps
// nothing. There is one channel. A client says in its first byte what it is: a publisher (P) or a subscriber (S).
import { once } from "node:events";
import { connect } from "node:net";
import { program, told } from "../child.js";
import type { Place, Servers, Session, System } from "../system.js";
import { NotOffered } from "../system.js";

async function start({ size }: Place): Promise<Servers> {
  const server = program("systems/tcp-server.ts");
  const { port } = await told<{ port: number }>(server);
  return {
    address: `${port}/${size}`,
    processes: [{ role: "broker", pid: server.pid! }],
    version: `Node ${process.version}`,
    async stop() {
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
    },
  };
}

async function open(address: string): Promise<Session> {
  const [port, size] = address.split("/").map(Number) as [number, number];
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  let publishing = false;
  return {
    publish(_channel, messages) {
      if (!publishing) socket.write("P");
      publishing = true;
      return new Promise((resolve) => socket.write(Buffer.concat(messages), resolve));
    },
    async subscribe(channels, from, receive) {
      if (from !== "new" || channels.length !== 1)
        throw new NotOffered("plain sockets keep nothing and know one channel");
      let rest: Buffer = Buffer.alloc(0);
      socket.write("S");
      const [hello] = (await once(socket, "data")) as [Buffer];
      if (hello.length !== 1) throw new Error("the server said more than its byte");
      socket.on("data", (data: Buffer) => {
        const bytes = rest.length > 0 ? Buffer.concat([rest, data]) : data;
        let at = 0;
        for (; at + size <= bytes.length; at += size) receive(bytes.subarray(at, at + size));
        rest = bytes.subarray(at);
      });
    },
    close: async () => void socket.destroy(),
  };
}

export const systems: readonly System[] = [
  { name: "tcp", title: "plain TCP sockets", durability: "not kept", start, open },
];
