// The contract of src/buffer/buffer.ts, sentence by sentence, as tests that run over every implementation.
import { suite } from "../harness.js";
import { appendContract } from "./contract/append.js";
import { channelsContract } from "./contract/channels.js";
import { closeContract } from "./contract/close.js";
import { concurrencyContract } from "./contract/concurrency.js";
import { epochContract } from "./contract/epochs.js";
import { lifetimeContract } from "./contract/lifetime.js";
import { modelContract } from "./contract/model.js";
import type { Open } from "./contract/open.js";
import { producerContract } from "./contract/producers.js";
import { readContract } from "./contract/read.js";
import { removalContract } from "./contract/removal.js";
import { retentionContract } from "./contract/retention.js";
import { runContract } from "./contract/runs.js";
import { watchContract } from "./contract/watch.js";

export function bufferContract(name: string, open: Open): void {
  const test = suite(`buffer contract: ${name}`);
  appendContract(test, open);
  runContract(test, open);
  producerContract(test, open);
  modelContract(test, open);
  readContract(test, open);
  retentionContract(test, open);
  removalContract(test, open);
  lifetimeContract(test, open);
  channelsContract(test, open);
  concurrencyContract(test, open);
  watchContract(test, open);
  epochContract(test, open);
  closeContract(test, open);
  test.run();
}
