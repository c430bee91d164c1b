#!/bin/sh
# Starts Triton with both ensembles. SEAMLINE_VARIANT names the variant of the model repository; arguments go to Triton.
# Every call needs the key in SEAMLINE_OPERATOR_KEY_FILE, which the gateway and the operator have, and nobody else.
set -eu
umask 077
: "${SEAMLINE_OPERATOR_KEY_FILE:?name a file with a key; openssl rand -hex 32 makes one}"
key=$(tr -d '[:space:]' < "$SEAMLINE_OPERATOR_KEY_FILE")
case "$key" in
  "" | *[!0-9A-Za-z]*) echo "$SEAMLINE_OPERATOR_KEY_FILE must hold letters and digits only" >&2; exit 2 ;;
esac
exec tritonserver \
  --model-repository="${SEAMLINE_MODEL_REPOSITORY:-/seamline/model_repository}" \
  --model-repository="${SEAMLINE_ENSEMBLES:-/seamline/ensembles}" \
  --model-config-name="${SEAMLINE_VARIANT:-cpu}" \
  --model-control-mode=explicit --load-model=embed --load-model=search \
  --disable-auto-complete-config \
  --exit-timeout-secs=20 \
  --allow-http=false \
  --grpc-restricted-protocol="health,metadata,inference,shared-memory,model-config,model-repository,statistics,trace,logging:seamline=$key" \
  "$@"
