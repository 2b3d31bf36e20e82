// A node with its gateway, and what a scrape of it says.
import { createRequire } from "node:module";
import { openGateway } from "../../src/gateway/index.js";
import { startNode, type TestNode, type TestNodeOptions } from "../broker/node.js";
import type { T } from "../harness.js";

export interface TestGateway {
  node: TestNode;
  /** http://HOST:PORT */
  url: string;
  close(): Promise<void>;
}

export async function startGateway(t: T, options: TestNodeOptions = {}): Promise<TestGateway> {
  const node = await startNode(t, options);
  const gateway = await openGateway(node.node, "127.0.0.1:0");
  t.after(() => gateway.close());
  return { node, url: `http://${gateway.address}`, close: gateway.close };
}

/** As the parser gives it. */
interface Parsed {
  name: string;
  help: string;
  type: string;
  metrics: {
    labels?: Record<string, string>;
    value?: string;
    buckets?: Record<string, string>;
    count?: string;
    sum?: string;
  }[];
}

const parse = createRequire(import.meta.url)("parse-prometheus-text-format") as (text: string) => Parsed[];

export interface Scrape {
  text: string;
  families: Parsed[];
  /** Undefined: there is no such series. Of a histogram how many there were. */
  value(name: string, labels?: Record<string, string>): number | undefined;
}

export async function scrape(url: string): Promise<Scrape> {
  const response = await fetch(`${url}/metrics`);
  if (response.status !== 200) throw new Error(`/metrics: ${response.status} ${await response.text()}`);
  const text = await response.text();
  const families = parse(text);
  return {
    text,
    families,
    value(name, labels = {}) {
      const wanted = JSON.stringify(labels);
      const found = families
        .find((family) => family.name === name)
        ?.metrics.find((metric) => JSON.stringify(metric.labels ?? {}) === wanted);
      const value = found?.value ?? found?.count;
      return value === undefined ? undefined : Number(value);
    },
  };
}

export interface ReadinessAnswer {
  status: number;
  ready: boolean;
  node: string;
  warnings: string[];
  checks: { name: string; ok: boolean; detail: string; since: string }[];
}

export async function readyz(url: string): Promise<ReadinessAnswer> {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, ...((await response.json()) as Omit<ReadinessAnswer, "status">) };
}
