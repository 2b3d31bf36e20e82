// One subscriber of a flood, on a connection of its own that is not made anew when it ends, and its trail.
import { openConnection } from "../../src/client/connection.js";
import { encodeSubscribe, type Start } from "../../src/wire/client-frame.js";
import type { Position } from "../../src/wire/position.js";
import { wrongNumber } from "./flood.js";
import { Trail } from "./trail.js";

export interface Listener {
  readonly trail: Trail;
  close(): void;
}

export interface ListenerEvents {
  /** The request leaves now. */
  subscribing?(): void;
  subscribed?(position: Position, head: Position): void;
  caughtUp?(position: Position): void;
  /** After anything that changed the trail. */
  told?(): void;
}

export function listen(address: string, channel: string, start: Start, events: ListenerEvents = {}): Listener {
  const trail = new Trail();
  const fail = (fault: string) => {
    trail.fail(fault);
    events.told?.();
  };
  const connection = openConnection(
    address,
    { name: "", producer: Buffer.alloc(0) },
    { welcomeTimeoutMs: 30_000 },
    {
      welcomed() {
        events.subscribing?.();
        connection.send(encodeSubscribe(channel, start));
      },
      item(item) {
        switch (item.kind) {
          case "subscribed":
            trail.next = item.position.offset + 1;
            events.subscribed?.(item.position, item.head);
            break;
          case "batch": {
            const { first, count } = item.batch;
            const wrong = wrongNumber(item.batch);
            if (wrong !== undefined) trail.fail(wrong);
            trail.messages(first, first + count - 1);
            break;
          }
          case "gap":
            trail.gap(item.gap, item.position);
            break;
          case "caughtUp":
            events.caughtUp?.(item.position);
            break;
          case "error":
            trail.fail(`${item.code}: ${item.message}`);
        }
        events.told?.();
      },
      ended: (reason) => fail(`ended: ${reason.message}`),
    },
  );
  return { trail, close: () => connection.close() };
}
