# docker build -t lessons .        docker run --rm -p 7860:7860 lessons
# The torch of PyPI carries CUDA on Linux (gigabytes). pytorch.org names an index of CPU builds:
#   docker build -t lessons --build-arg TORCH_INDEX=<that address> .
FROM python:3.11-slim

ARG TORCH_INDEX=""
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860 GRADIO_ANALYTICS_ENABLED=False

RUN useradd --create-home --uid 1000 lessons
WORKDIR /home/lessons/app

COPY requirements.txt constraints.txt ./
RUN if [ -n "$TORCH_INDEX" ]; then pip install torch torchvision -c constraints.txt --index-url "$TORCH_INDEX"; fi \
    && pip install -r requirements.txt -c constraints.txt

COPY --chown=lessons:lessons . .
USER lessons

EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['GRADIO_SERVER_PORT'], timeout=8)"]
CMD ["python", "app.py"]
