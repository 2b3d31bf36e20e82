// Names of identities. Messages carry them, so what is no name of a publisher is no name of an identity.
const longestBytes = 64;

export const nameSyntax = `1 to ${longestBytes} bytes of UTF-8 without control characters`;

export const isName = (name: unknown): name is string =>
  typeof name === "string" &&
  name !== "" &&
  Buffer.byteLength(name) <= longestBytes &&
  !/\p{Cc}/u.test(name) &&
  !name.includes("\ufffd");
