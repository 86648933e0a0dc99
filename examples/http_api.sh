# The HTTP API with curl: sign in, check the token, sign out. Needs bash, and curl 7.82 or newer.
#
# API is the stack's output ApiUrl, without its last slash. AWS_REGION and the keys are in the environment.

signed_curl() { curl -sS --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --config <(keys) "$@"; }

keys() { # through a pipe, because other users of the machine can read command lines
  echo "user = \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\""
  if [ -n "${AWS_SESSION_TOKEN:-}" ]; then # of an assumed role, or of single sign-on
    echo "header = \"x-amz-security-token: $AWS_SESSION_TOKEN\""
  fi
}

created=$(signed_curl "$API/sessions" --json '{"customer_id": "ABC", "data": {"cart": []}}')
token=$(sed 's/.*"token":"\([^"]*\)".*/\1/' <<< "$created")
id=$(sed 's/.*"session_id":"\([^"]*\)".*/\1/' <<< "$created")

signed_curl "$API/sessions/introspect" --json "{\"token\": \"$token\"}" # {"active":true,...
signed_curl "$API/customers/ABC/last-login"
signed_curl -X DELETE "$API/sessions/$id"
signed_curl "$API/sessions/introspect" --json "{\"token\": \"$token\"}" # {"active":false}
