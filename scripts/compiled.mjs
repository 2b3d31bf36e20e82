// `node --import` of this file runs the TypeScript of this repository as scripts/test.ts has compiled it, all of it at once:
// tsx, which looks for each module anew in each process, takes longer than many a test.
import { register } from "node:module";

process.setSourceMapsEnabled(true);
register("./compiled-hooks.mjs", import.meta.url, { data: { folder: process.env.REPRISE_TEST_COMPILED } });
