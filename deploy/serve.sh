#!/bin/sh
# Starts Triton with both ensembles. SEAMLINE_VARIANT names the variant of the model repository; arguments go to Triton.
set -eu
exec tritonserver \
  --model-repository="${SEAMLINE_MODEL_REPOSITORY:-/seamline/model_repository}" \
  --model-repository="${SEAMLINE_ENSEMBLES:-/seamline/ensembles}" \
  --model-config-name="${SEAMLINE_VARIANT:-cpu}" \
  --model-control-mode=explicit --load-model=embed --load-model=search \
  --disable-auto-complete-config \
  --exit-timeout-secs=20 \
  "$@"
