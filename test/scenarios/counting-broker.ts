// A broker that counts what it asks its buffer for: a process of its own. Arguments: HOST:PORT and the buffer, as in
// `--buffer`. Tells its parent when it listens, and answers whatever it is sent with its counts.
import { startBroker } from "../../src/broker/index.js";
import { openBuffer, type ReplayBuffer, retentionPolicy } from "../../src/buffer/index.js";

export interface Counts {
  reads: number;
  states: number;
  watches: number;
}

const [listen, spec] = process.argv.slice(2) as [string, string];
const counts: Counts = { reads: 0, states: 0, watches: 0 };
const buffer = await openBuffer(spec, { retention: retentionPolicy([]) });
const counted: ReplayBuffer = {
  description: buffer.description,
  ackLevel: buffer.ackLevel,
  get available() {
    return buffer.available;
  },
  onAvailable: (tell) => buffer.onAvailable(tell),
  get echo() {
    return buffer.echo;
  },
  probe: () => buffer.probe(),
  retention: (channel) => buffer.retention(channel),
  append: (channel, runs) => buffer.append(channel, runs),
  read(channel, from, maxBytes) {
    counts.reads++;
    return buffer.read(channel, from, maxBytes);
  },
  state(channel) {
    counts.states++;
    return buffer.state(channel);
  },
  watch(channel, watcher) {
    counts.watches++;
    return buffer.watch(channel, watcher);
  },
  trim: (channel, before) => buffer.trim(channel, before),
  delete: (channel) => buffer.delete(channel),
  rules: buffer.rules,
  channels: (prefix, token, limit, admits) => buffer.channels(prefix, token, limit, admits),
  close: () => buffer.close(),
};
await startBroker({ buffer: counted, listen });
// The parent kills it; if the parent ends, so does this.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
process.on("message", () => process.send!(counts));
process.send!("listening");
