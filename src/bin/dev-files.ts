// Where `reprise cert dev` puts what it makes, in its folder.
const pair = (name: string) => ({ cert: `${name}.crt`, key: `${name}.key` });

export const devFiles = { ca: pair("ca"), server: pair("server"), client: pair("client") };
