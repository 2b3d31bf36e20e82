// HOST:PORT to listen on.
import { InvalidArgumentError } from "commander";

export function parseListen(text: string): string {
  const port = Number(/^(?:\[[^\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(text)?.[1]);
  if (port <= 65_535) return text;
  throw new InvalidArgumentError("Expected HOST:PORT, for example 127.0.0.1:50051 or [::1]:50051.");
}
