// gRPC's health service (grpc.health.v1): whether peers should be sent to this node. It serves until it drains.
import type { Server } from "@grpc/grpc-js";
import { HealthImplementation, type ServingStatus } from "grpc-health-check";

/** "" is the node as a whole. */
const services = ["", "reprise.v1.Broker"];

const allOf = (status: ServingStatus) => Object.fromEntries(services.map((service) => [service, status]));

/** Returns what says that no more peers should be sent here. */
export function addHealth(server: Server): () => void {
  const health = new HealthImplementation(allOf("SERVING"));
  health.addToServer(server);
  return () => {
    for (const service of services) health.setStatus(service, "NOT_SERVING");
  };
}
