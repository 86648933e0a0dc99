# The HTTP API with curl: sign in, see what the token is worth, sign out. bash, curl 7.82 or newer.
#
# API is the stack's output ApiUrl; AWS_REGION and the keys are in the environment.

sign=(--aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY")
if [ -n "${AWS_SESSION_TOKEN:-}" ]; then # of an assumed role, or of single sign-on
  sign+=(-H "x-amz-security-token: $AWS_SESSION_TOKEN")
fi

created=$(curl -sS "${sign[@]}" "$API/sessions" --json '{"customer_id": "ABC", "data": {"cart": []}}')
token=$(sed 's/.*"token":"\([^"]*\)".*/\1/' <<< "$created")
id=$(sed 's/.*"session_id":"\([^"]*\)".*/\1/' <<< "$created")

curl -sS "${sign[@]}" "$API/sessions/introspect" --json "{\"token\": \"$token\"}" # {"active":true,...
curl -sS "${sign[@]}" "$API/customers/ABC/last-login"
curl -sS "${sign[@]}" -X DELETE "$API/sessions/$id"
curl -sS "${sign[@]}" "$API/sessions/introspect" --json "{\"token\": \"$token\"}" # {"active":false}
