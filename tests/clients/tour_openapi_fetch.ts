/** Every route, called by openapi-fetch with the types that openapi-typescript makes of the two documents. */

import createClient, { type Client } from "openapi-fetch";
import { type Keys, signedFetch } from "./signed_fetch";
import type { paths } from "./openapi_fetch/session_store";
import type { paths as UserPaths } from "./openapi_fetch/user_routes";

function check(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`not so: ${what}`);
}

async function ok<T>(call: Promise<{ data?: T; response: Response }>): Promise<T> {
  const { data, response } = await call;
  check(response.ok, `${response.url}: ${response.status}`);
  return data as T;
}

function start(client: Client<paths>, customer: string) {
  const body = { customer_id: customer, data: { cart: ["tea"], role: "admin" } };
  return ok(client.POST("/sessions", { body }));
}

async function backEnd(client: Client<paths>, customer_id: string) {
  const [first, second] = [await start(client, customer_id), await start(client, customer_id)];
  const session_id = first.session.session_id;
  const params = { path: { session_id } };
  const mine = { path: { customer_id } };
  check((await ok(client.GET("/sessions/{session_id}", { params }))).created_at.endsWith("Z"), "a time in UTC");
  const extended = await ok(client.POST("/sessions/{session_id}/extend", { params }));
  check(extended.expires_at >= first.session.expires_at, "a longer life");
  const changed = await ok(
    client.PATCH("/sessions/{session_id}", {
      params: { path: { session_id: second.session.session_id } },
      body: { data: { cart: null, lang: "de" }, session_state: "closing" },
    }),
  );
  check(changed.data["lang"] === "de" && changed.session_state === "closing", "a changed session");

  const body = { audience: "mail" };
  const { child } = await ok(client.POST("/sessions/{session_id}/children", { params, body }));
  const { children } = await ok(client.GET("/sessions/{session_id}/children", { params }));
  check(children[0]?.child_session_id === child.child_session_id, "the child");
  const { child_session_id } = child;
  const owner = await ok(client.GET("/children/{child_session_id}/session", { params: { path: { child_session_id } } }));
  check(owner.session_id === session_id, "the child's session");
  const both = { params: { path: { session_id, child_session_id } } };
  await ok(client.DELETE("/sessions/{session_id}/children/{child_session_id}", both));

  const good = await ok(client.POST("/sessions/introspect", { body: { token: first.token } }));
  check(good.active && good.session?.session_id === session_id, "a good token");
  const bad = await ok(client.POST("/sessions/introspect", { body: { token: second.token } }));
  check(!bad.active && bad.session === undefined, "a bad token");

  const page = await ok(client.GET("/customers/{customer_id}/sessions", { params: { ...mine, query: { limit: 1 } } }));
  const cursor = page.cursor ?? "none";
  const rest = await ok(client.GET("/customers/{customer_id}/sessions", { params: { ...mine, query: { cursor } } }));
  check(rest.sessions[0]?.session_id === session_id, "the second page");
  const one = { params: { path: { customer_id, session_id } } };
  const own = await ok(client.GET("/customers/{customer_id}/sessions/{session_id}", one));
  check(own.customer_id === customer_id, "the customer");
  const last = await ok(client.GET("/customers/{customer_id}/last-login", { params: mine }));
  check(last.last_login_time === second.session.last_login_time, "the last login");
  const ended = await ok(client.DELETE("/customers/{customer_id}/sessions", { params: { ...mine, query: { except: session_id } } }));
  check(ended.expired === 1 && ended.cursor === null, "all but one ended");
  await ok(client.DELETE("/sessions/{session_id}", { params: { ...params, query: { reason: "operator" } } }));
  check((await ok(client.DELETE("/customers/{customer_id}", { params: mine }))).purged > 0, "rows deleted");
  const { error } = await client.GET("/sessions/{session_id}", { params });
  check(error && "status" in error && error.status === 404, "a problem");
}

async function users(baseUrl: string, backEnd: Client<paths>, customer: string) {
  let { token } = await start(backEnd, customer);
  const other = (await start(backEnd, customer)).session.session_id;
  const client = createClient<UserPaths>({ baseUrl });
  client.use({ onRequest: ({ request }) => request.headers.set("authorization", `Bearer ${token}`) });
  const session = await ok(client.GET("/session"));
  const changed = await ok(client.PATCH("/session", { body: { data: { theme: "dark" } } }));
  const params = { header: { "If-Match": `${changed.version}` } };
  const replaced = await ok(client.PUT("/session/data", { params, body: { theme: "light" } }));
  check(replaced.data["theme"] === "light" && replaced.version === session.version + 2, "replaced data");
  token = (await ok(client.POST("/session/rotate"))).token ?? token;
  const { sessions } = await ok(client.GET("/me/sessions"));
  check(sessions.find((each) => each.is_current)?.session_id === session.session_id, "the list");
  await ok(client.DELETE("/me/sessions/{session_id}", { params: { path: { session_id: other } } }));
  check((await ok(client.DELETE("/me/sessions"))).cursor === null, "the others ended");
  await ok(client.DELETE("/session"));
  check((await client.GET("/session")).response.status === 401, "signed out");
}

export async function tour(api: string, userApi: string, region: string, keys: Keys) {
  const client = createClient<paths>({ baseUrl: api, fetch: signedFetch(region, keys) });
  await backEnd(client, `ana+${crypto.randomUUID()}@example.com`);
  await users(userApi, client, `user-${crypto.randomUUID()}`);
}
