/** Signs the requests of a client that uses fetch, as openapi-fetch and Hey API make it. */

import { AwsClient } from "aws4fetch";

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** SigV4, without retries: a repeated sign-in would start two sessions. */
export function signedFetch(region: string, keys: Keys): (request: Request) => Promise<Response> {
  const client = new AwsClient({ ...keys, region, service: "execute-api", retries: 0 });
  return (request) => client.fetch(request);
}
