"""Sign-in with a provider: GET /auth/login, GET /auth/callback, POST /auth/logout."""

from datetime import timedelta

from session_store.oidc import OidcSignIn, SecretsManagerSecret, StepUp, sign_in_handler

SIGN_IN = OidcSignIn(
    issuer="https://login.example.com",
    client_id="shop",
    client_secret=SecretsManagerSecret("oidc/shop"),
    redirect_uri="https://shop.example.com/auth/callback",
    customer_prefix="example:",
    step_ups={"pay": StepUp(max_age=timedelta(minutes=5))},
)
handler = sign_in_handler(SIGN_IN, carry_data=True)
