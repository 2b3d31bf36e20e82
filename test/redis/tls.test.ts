// Redis over TLS, with certificates on both sides.

import { RepriseError } from "../../src/wire/errors.js";
import { store } from "../buffer/contract/open.js";
import { follow } from "../buffer/follower.js";
import { openAt } from "../buffer/redis-handle.js";
import { run } from "../buffer/run.js";
import { type Certificates, makeCertificates } from "../certificates.js";
import { assert, suite, type T } from "../harness.js";
import { freePort, startRedis } from "../redis.js";
import { startCluster } from "../redis-cluster.js";
import { startSentinel } from "../redis-sentinel.js";

const test = suite("redis over tls");

const serverArgs = ({ ca, server }: Certificates, port: number) => [
  ...["--tls-port", String(port), "--tls-ca-cert-file", ca],
  ...["--tls-cert-file", server.cert, "--tls-key-file", server.key],
];
const query = ({ ca, client }: Certificates) => `ca=${ca}&cert=${client.cert}&key=${client.key}`;

async function works(t: T, url: string): Promise<void> {
  const buffer = await openAt(t, url);
  const watcher = await follow(t, buffer, "c");
  const { next } = watcher;
  await store(buffer, "c", run(`p${next}`, 1, ["1"]));
  await watcher.reaches(next + 1);
}

async function fails(t: T, url: string): Promise<RepriseError> {
  const error = await openAt(t, url).then(
    () => new Error(`${url} was opened`),
    (error: unknown) => error,
  );
  if (!(error instanceof RepriseError)) throw error;
  return error;
}

test("one server: both sides show certificates; without, with the wrong ones or by the wrong name it fails, saying why", async (t) => {
  const certificates = await makeCertificates(t);
  const port = await freePort();
  await startRedis(t, ...serverArgs(certificates, port));
  const at = `rediss://127.0.0.1:${port}`;
  await works(t, `${at}?${query(certificates)}`);
  await works(t, `${at}?${query(certificates)}&servername=redis.test`);
  assert.match((await fails(t, `${at}?ca=${certificates.ca}`)).message, /certificate required|closed|ECONNRESET/);
  assert.match((await fails(t, at)).message, /self.signed|unable to/);
  assert.match((await fails(t, `${at}?${query(certificates)}&servername=other.test`)).message, /other\.test/);
  const missing = await fails(t, `${at}?ca=/nowhere`);
  assert.is(missing.code, "invalid_argument");
  assert.match(missing.message, /ca cannot be read: \/nowhere: ENOENT/);
  assert.is((await fails(t, `${at}?cert=${certificates.client.cert}`)).code, "invalid_argument");
});

test("a Cluster over TLS, between its servers as well", async (t) => {
  const certificates = await makeCertificates(t);
  const port = await freePort();
  const args = [...serverArgs(certificates, port), "--tls-cluster", "yes", "--tls-auth-clients", "optional"];
  await startCluster(t, { masters: 1, args });
  await works(t, `rediss-cluster://127.0.0.1:${port}?ca=${certificates.ca}`);
});

test("sentinels and the master over TLS", async (t) => {
  const certificates = await makeCertificates(t);
  const [port, sentinelPort] = [await freePort(), await freePort()];
  await startSentinel(t, {
    ...{ replicas: 0, sentinels: 1, args: serverArgs(certificates, port), watchedPort: port },
    sentinelLines: [
      ...[`tls-port ${sentinelPort}`, `tls-ca-cert-file ${certificates.ca}`, "tls-replication yes"],
      ...[`tls-cert-file ${certificates.server.cert}`, `tls-key-file ${certificates.server.key}`],
    ],
  });
  await works(t, `rediss-sentinel://127.0.0.1:${sentinelPort}/reprise?${query(certificates)}`);
});

test.run();
