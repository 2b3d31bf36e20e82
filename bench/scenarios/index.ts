// All scenarios, in the order in which they are run.
import { durablePublish } from "./durable-publish.js";
import { fanOut } from "./fan-out.js";
import { growthChannels, growthStored } from "./growth.js";
import { idle } from "./idle.js";
import { manyChannels } from "./many-channels.js";
import { paced } from "./paced.js";
import { replay } from "./replay.js";
import type { Scenario } from "./scenario.js";
import { slowSubscriber } from "./slow-subscriber.js";
import { storm } from "./storm.js";

export const scenarios: readonly Scenario[] = [
  fanOut,
  paced,
  manyChannels,
  durablePublish,
  replay,
  idle,
  storm,
  slowSubscriber,
  growthChannels,
  growthStored,
];
