// Command release builds a Go program with cgo for several platforms in Dagger: dagger run go run .
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"dagger.io/dagger"
)

// platforms are Docker's names; xcc takes them as they are.
var platforms = []string{"linux/amd64", "linux/arm64", "linux/arm/v7", "darwin/arm64", "windows/amd64"}

func main() {
	if err := release(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func release(ctx context.Context) error {
	client, err := dagger.Connect(ctx, dagger.WithLogOutput(os.Stderr))
	if err != nil {
		return err
	}
	defer client.Close()

	builder := withXcc(client, client.Container().From("golang:1.26-bookworm")).
		WithEnvVariable("GOCACHE", "/cache/go").
		WithMountedCache("/cache/go", client.CacheVolume("go-build")).
		WithMountedCache("/go/pkg/mod", client.CacheVolume("go-mod")).
		WithDirectory("/src", client.Host().Directory(".")).
		WithWorkdir("/src")
	dist := client.Directory()
	for _, platform := range platforms {
		built := builder.WithExec([]string{"xcc", "run", "-t", platform, "--reproducible", "--", "go", "build", "-o", "/out/", "."})
		dist = dist.WithDirectory(platform, built.Directory("/out"))
	}
	if _, err := dist.Export(ctx, "dist"); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// withXcc puts xcc on PATH, built once from its sources, with its C runtimes in a volume.
func withXcc(client *dagger.Client, container *dagger.Container) *dagger.Container {
	source := client.Git("https://github.com/xcc-project/xcc.git").Branch("main").Tree()
	prefix := client.Container().From("rust:1-bookworm").
		WithExec([]string{"sh", "-c", "apt-get update && apt-get install -y --no-install-recommends python3-pip"}).
		WithDirectory("/src", source).
		WithExec([]string{"/src/install.sh", "--prefix", "/opt/xcc", "--no-demo"}).
		Directory("/opt/xcc")
	return container.
		WithDirectory("/opt/xcc", prefix).
		WithEnvVariable("PATH", "/opt/xcc/bin:$PATH", dagger.ContainerWithEnvVariableOpts{Expand: true}).
		WithEnvVariable("XCC_CACHE_DIR", "/cache/xcc").
		WithMountedCache("/cache/xcc", client.CacheVolume("xcc"))
}
