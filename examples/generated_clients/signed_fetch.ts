/** Signs the requests of a client that uses fetch, as openapi-fetch and Hey API make it. */

import { AwsClient } from "aws4fetch";

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** SigV4. Nothing is sent twice by itself: a session that was started twice would be two. */
export function signedFetch(region: string, keys: Keys): (request: Request) => Promise<Response> {
  const client = new AwsClient({ ...keys, region, service: "execute-api", retries: 0 });
  return (request) => client.fetch(request);
}
