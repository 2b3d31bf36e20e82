// The contract over the embedded buffer, under each of its policies.
import { type EmbeddedOptions, openEmbedded } from "../../src/buffer/embedded.js";
import { retentionPolicy } from "../../src/buffer/retention.js";
import { temporaryFolder } from "../harness.js";
import type { Open } from "./contract/open.js";
import { bufferContract } from "./contract.js";

const opening =
  (fsync: EmbeddedOptions["fsync"]): Open =>
  async (t, { retention = [] } = {}) => {
    const options: EmbeddedOptions = { folder: temporaryFolder(t), fsync, retention: retentionPolicy(retention) };
    let buffer = await openEmbedded(options);
    t.after(() => buffer.close());
    return {
      buffer,
      other: async () => buffer,
      restart: async () => {
        await buffer.close();
        buffer = await openEmbedded(options);
        return buffer;
      },
    };
  };

bufferContract("embedded, fsync everysec", opening("everysec"));
bufferContract("embedded, fsync no", opening("no"));
bufferContract("embedded, fsync always", opening("always"));
