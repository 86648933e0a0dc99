/** Every route, called by the clients that Hey API makes of the two documents. */

import * as api from "./hey_api/session_store";
import { type Client, createClient, createConfig } from "./hey_api/session_store/client";
import * as mine from "./hey_api/user_routes";
import { createClient as createUserClient } from "./hey_api/user_routes/client";
import { type Keys, signedFetch } from "./signed_fetch";

function check(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`not so: ${what}`);
}

async function start(client: Client, customer: string) {
  const body = { customer_id: customer, data: { cart: ["tea"], role: "admin" } };
  return (await api.createSession({ client, body, throwOnError: true })).data;
}

async function backEnd(client: Client, customer_id: string) {
  const call = { client, throwOnError: true } as const;
  const [first, second] = [await start(client, customer_id), await start(client, customer_id)];
  const session_id = first.session.session_id;
  const path = { session_id };
  const customer = { ...call, path: { customer_id } };
  check((await api.getSession({ ...call, path })).data.created_at.endsWith("Z"), "a time in UTC");
  const extended = (await api.extendSession({ ...call, path })).data;
  check(extended.expires_at >= first.session.expires_at, "a longer life");
  const changed = await api.updateSession({
    ...call,
    path: { session_id: second.session.session_id },
    body: { data: { cart: null, lang: "de" }, session_state: "closing" },
  });
  check(changed.data.data["lang"] === "de" && changed.data.session_state === "closing", "a changed session");

  const { child } = (await api.createChildSession({ ...call, path, body: { audience: "mail" } })).data;
  const { children } = (await api.getChildSessions({ ...call, path })).data;
  check(children[0]?.child_session_id === child.child_session_id, "the child");
  const { child_session_id } = child;
  const owner = await api.getSessionByChild({ ...call, path: { child_session_id } });
  check(owner.data.session_id === session_id, "the child's session");
  await api.endChildSession({ ...call, path: { session_id, child_session_id } });

  const good = (await api.introspectToken({ ...call, body: { token: first.token } })).data;
  check(good.active && good.session?.session_id === session_id, "a good token");
  const bad = (await api.introspectToken({ ...call, body: { token: second.token } })).data;
  check(!bad.active && bad.session === undefined, "a bad token");

  const { cursor } = (await api.getCustomerSessions({ ...customer, query: { limit: 1 } })).data;
  const rest = await api.getCustomerSessions({ ...customer, query: { cursor: cursor ?? "none" } });
  check(rest.data.sessions[0]?.session_id === session_id, "the second page");
  const own = await api.getCustomerSession({ ...call, path: { customer_id, session_id } });
  check(own.data.customer_id === customer_id, "the customer");
  const last = (await api.getLastLoginTime(customer)).data.last_login_time;
  check(last === second.session.last_login_time, "the last login");
  const ended = (await api.endCustomerSessions({ ...customer, query: { except: session_id } })).data;
  check(ended.expired === 1 && ended.cursor === null, "all but one ended");
  await api.endSession({ ...call, path, query: { reason: "operator" } });
  check((await api.eraseCustomer(customer)).data.purged > 0, "rows deleted");
  const { error } = await api.getSession({ client, path });
  check(error && "status" in error && error.status === 404, "a problem");
}

async function users(baseUrl: string, backEnd: Client, customer: string) {
  let { token } = await start(backEnd, customer);
  const other = (await start(backEnd, customer)).session.session_id;
  const client = createUserClient({ baseUrl, auth: () => token });
  const call = { client, throwOnError: true } as const;
  const session = (await mine.getMySession(call)).data;
  const changed = (await mine.updateMySession({ ...call, body: { data: { theme: "dark" } } })).data;
  const headers = { "If-Match": `${changed.version}` };
  const replaced = (await mine.replaceMyData({ ...call, headers, body: { theme: "light" } })).data;
  check(replaced.data["theme"] === "light" && replaced.version === session.version + 2, "replaced data");
  token = (await mine.rotateMyToken(call)).data.token ?? token;
  const { sessions } = (await mine.getMySessions(call)).data;
  check(sessions.find((each) => each.is_current)?.session_id === session.session_id, "the list");
  await mine.endMySession({ ...call, path: { session_id: other } });
  check((await mine.endMyOtherSessions(call)).data.cursor === null, "the others ended");
  await mine.signOut(call);
  check((await mine.getMySession({ client })).response?.status === 401, "signed out");
}

export async function tour(baseUrl: string, userApi: string, region: string, keys: Keys) {
  const client = createClient(createConfig({ baseUrl, fetch: signedFetch(region, keys) as typeof fetch }));
  await backEnd(client, `ana+${crypto.randomUUID()}@example.com`);
  await users(userApi, client, `user-${crypto.randomUUID()}`);
}
