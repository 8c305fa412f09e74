FROM node:20-bookworm-slim AS assets
WORKDIR /src/web/assets
COPY web/assets/package.json web/assets/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/static ../static
COPY web/assets ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY internal internal
COPY migrations migrations
COPY web web
COPY --from=assets /src/web/static/dist web/static/dist
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /portal ./cmd/portal
RUN mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /portal /portal
COPY --from=build --chown=nonroot:nonroot /data /data
ENV PORTAL_DATA_DIR=/data
ENV PORTAL_ADDR=:8080
EXPOSE 8080
ENTRYPOINT ["/portal"]
CMD ["serve"]
