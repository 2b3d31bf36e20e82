// gRPC's health service (grpc.health.v1): whether peers should be sent to this node, as its readiness says.
import type { Server } from "@grpc/grpc-js";
import { HealthImplementation, type ServingStatus } from "grpc-health-check";
import type { Readiness } from "./readiness.js";

/** "" is the node as a whole. */
const services = ["", "reprise.v1.Broker"];

const allOf = (status: ServingStatus) => Object.fromEntries(services.map((service) => [service, status]));

/** Follows the readiness until it is closed. */
export function addHealth(server: Server, readiness: Readiness): void {
  const status = () => (readiness.ready ? "SERVING" : "NOT_SERVING");
  const health = new HealthImplementation(allOf(status()));
  health.addToServer(server);
  readiness.onChange(() => {
    for (const service of services) health.setStatus(service, status());
  });
}
