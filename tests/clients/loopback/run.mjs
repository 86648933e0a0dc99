/** Runs a compiled tour: its file, the URLs of both APIs, the region. The keys to sign with are in the environment. */

import dns from "node:dns";
import { pathToFileURL } from "node:url";

// Names below `localhost` are this machine, as they are in browsers: the embedded AWS has its APIs there.
const find = dns.lookup;
dns.lookup = (host, ...more) => find(host.endsWith(".localhost") ? "127.0.0.1" : host, ...more);

const [file, ...places] = process.argv.slice(2);
const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
const { tour } = await import(pathToFileURL(file));
await tour(...places, { accessKeyId, secretAccessKey });
