// A node that speaks TLS, abused: by what comes before HTTP/2, and by what of HTTP/2 takes another way through the node then.
import { suite } from "../harness.js";
import { rapidReset, unknownPaths } from "./floods.js";
import * as handshakes from "./handshakes.js";
import { dribbledMessage, headerBomb, unfinishedMessages } from "./hoards.js";
import { besiege } from "./siege.js";

const test = suite("abuse of TLS");

const below = { rapidReset, unknownPaths, headerBomb, dribbledMessage, unfinishedMessages };

besiege(test, { ...handshakes, ...below }, { isSecure: true }).end();

test.run();
