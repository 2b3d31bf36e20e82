// Mosquitto with QoS 1 both ways. Its limits on what waits for a client are lifted, because it drops what is beyond them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import mqtt from "mqtt";
import { findServer } from "../../scripts/programs.js";
import { startServer, versionOf } from "../server.js";
import type { Place, Servers, Session, System } from "../system.js";
import { NotOffered } from "../system.js";

const mosquitto = { program: "mosquitto", packages: ["mosquitto"] };

async function start({ folder }: Place): Promise<Servers> {
  const program = findServer(mosquitto);
  const configuration = join(folder, "mosquitto.conf");
  const { port, pid, stop } = await startServer(program, folder, (port) => {
    const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "max_queued_messages 0"];
    writeFileSync(configuration, [...lines, "max_inflight_messages 1000", "user root", ""].join("\n"));
    return ["-c", configuration];
  });
  return {
    address: `mqtt://127.0.0.1:${port}`,
    processes: [{ role: "broker", pid }],
    version: versionOf("sh", "-c", `"${program}" -h || true`),
    stop,
  };
}

async function open(address: string): Promise<Session> {
  const client = await mqtt.connectAsync(address, { connectTimeout: 60_000 });
  return {
    publish: (channel, messages) => Promise.all(messages.map((data) => client.publishAsync(channel, data, { qos: 1 }))),
    async subscribe(channels, from, receive) {
      if (from !== "new") throw new NotOffered("MQTT keeps one message");
      client.on("message", (_topic, data) => receive(data));
      await client.subscribeAsync([...channels], { qos: 1 });
    },
    close: () => client.endAsync(true),
  };
}

export const systems: readonly System[] = [
  { name: "mosquitto", title: "Mosquitto, QoS 1", durability: "in memory until delivered", start, open },
];
