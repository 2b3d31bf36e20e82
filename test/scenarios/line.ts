// The way from one node to Redis: a TCP proxy that can be severed like a network, and can lose one published message.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { T } from "../scope.js";

export interface Line {
  readonly url: string;
  /**
   * From now on nothing passes, in neither direction, and nothing is closed. New connections are taken, and hear
   * nothing.
   */
  sever(): void;
  /** What was said meanwhile arrives, late as TCP brings it after a partition, also on connections given up since. */
  mend(): void;
  /** Loses the next message that Redis publishes to a topic that contains `word`. */
  swallow(word: string): void;
  /** Messages lost so. */
  readonly swallowed: number;
}

export async function startLine(t: T, port: number): Promise<Line> {
  const sockets = new Set<Socket>();
  const released = new Set<() => void>();
  let severed = false;
  let word: string | undefined;
  let swallowed = 0;

  function pass(from: Socket, to: Socket, edit: (data: Buffer) => Buffer): void {
    let held: Buffer[] = [];
    let over = false;
    const release = () => {
      if (severed) return;
      for (const data of held) to.write(data);
      held = [];
      if (over) to.destroySoon();
    };
    sockets.add(from);
    released.add(release);
    from.on("data", (data) => {
      held.push(edit(data));
      release();
    });
    from.on("error", () => {});
    from.on("close", () => {
      sockets.delete(from);
      over = true;
      release();
      if (!severed) released.delete(release);
    });
  }

  /** What Redis says, without the message to be lost. It comes in one piece: nobody publishes but one, and little. */
  function without(data: Buffer): Buffer {
    if (word === undefined) return data;
    const push = publishedIn(data, word);
    if (push === undefined) return data;
    word = undefined;
    swallowed++;
    return Buffer.concat([data.subarray(0, push.from), data.subarray(push.to)]);
  }

  const server = createServer((node) => {
    const redis = connect(port, "127.0.0.1");
    pass(node, redis, (data) => data);
    pass(redis, node, without);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sever: () => {
      severed = true;
    },
    mend: () => {
      severed = false;
      for (const release of released) release();
    },
    swallow: (next) => {
      word = next;
    },
    get swallowed() {
      return swallowed;
    },
  };
}

/** Where the first message to such a topic stands: `>3 $7 message $<length> <topic> $<length> <payload>`, lines apart. */
function publishedIn(data: Buffer, word: string): { from: number; to: number } | undefined {
  const text = data.toString("latin1");
  for (const start of text.matchAll(/[>*]3\r\n\$\d\r\ns?message\r\n\$\d+\r\n(.*)\r\n\$(\d+)\r\n/g)) {
    const to = start.index + start[0].length + Number(start[2]) + 2;
    if (start[1]!.includes(word) && to <= data.length) return { from: start.index, to };
  }
  return undefined;
}
