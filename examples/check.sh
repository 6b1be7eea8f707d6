#!/usr/bin/env bash
# Publishes the device library and the language model library into an empty repository, builds the
# examples from there as an outside user would, tunes the language model with one of them, and runs
# the Linux one through a round of a real coordinator. Leaves nothing behind: neither ~/.m2 nor this
# folder gets a file. Needs the language model's file: ./crosslm model fetch smollm2-135m-instruct
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

work=$(mktemp -d)
coordinator= app=
finish() {
  status=$?
  [ -z "$app" ] || kill "$app" 2> /dev/null || true
  [ -z "$coordinator" ] || kill "$coordinator" 2> /dev/null || true
  wait 2> /dev/null || true
  if [ $status -ne 0 ]; then tail -n 30 "$work"/*.log 2> /dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
die() { echo "examples/check.sh: $*" >&2; exit 1; }

# From a copy: a jar of a release holds another POM than the one that is built here.
say "publishing the device library and the language model library"
mkdir "$work/source"
tar c --exclude=target pom.xml .mvn protocol edge-sdk coordinator | tar x -C "$work/source"
mvn -q -B -f "$work/source" -P 'release,!android' -pl edge-sdk/onnx,edge-sdk/tflite,coordinator/llm -am \
  -Dmaven.test.skip=true -Dspotless.check.skip=true -Dmaven.install.skip=true \
  "-DaltDeploymentRepository=published::file://$work/published" deploy

say "what is published: jars with sources and API docs, and POMs that stand alone"
python3 - "$work/published" <<'END'
import pathlib, sys, xml.etree.ElementTree as ElementTree

folder = pathlib.Path(sys.argv[1])
space = "{http://maven.apache.org/POM/4.0.0}"
poms = sorted(folder.rglob("*.pom"))
expected = [
    "crosslm-edge", "crosslm-edge-onnx", "crosslm-edge-tflite", "crosslm-llm", "crosslm-protocol", "crosslm-text"]
found = sorted(pom.parent.parent.name for pom in poms)
assert found == expected, f"expected {expected}, but published are {found}"
for pom in poms:
    text = pom.read_text(encoding="utf-8")
    project = ElementTree.fromstring(text)
    assert "${" not in text, f"{pom.name} has a property that nobody resolves"
    assert project.find(space + "parent") is None, f"{pom.name} needs a parent"
    for element in ("name", "description", "licenses"):
        assert project.find(space + element) is not None, f"{pom.name} has no {element}"
    for dependency in project.iter(space + "dependency"):
        name, scope = dependency.findtext(space + "artifactId"), dependency.findtext(space + "scope")
        assert dependency.findtext(space + "version"), f"{pom.name}: {name} has no version"
        # The language model brings its native library; devices choose theirs.
        if name in ("onnxruntime", "tensorflow-lite"):
            right = "provided"
        elif name in ("pytorch-jni", "pytorch-native-cpu"):
            right = "runtime"
        else:
            right = "compile"
        assert scope == right, f"{pom.name}: {name} has scope {scope}, not {right}"
    for kind in (".jar", "-sources.jar", "-javadoc.jar"):
        assert pom.with_name(pom.stem + kind).is_file(), f"{pom.stem + kind} is not published"
print("       " + ", ".join(found))
END

# A local repository of its own, filled from the published library and from what Maven has fetched already.
cat > "$work/settings.xml" <<END
<settings>
  <profiles>
    <profile>
      <id>outside</id>
      <repositories>
        <repository><id>published</id><url>file://$work/published</url></repository>
        <repository>
          <id>fetched</id><url>file://$HOME/.m2/repository</url>
          <releases><checksumPolicy>ignore</checksumPolicy></releases><snapshots><enabled>false</enabled></snapshots>
        </repository>
      </repositories>
      <pluginRepositories>
        <pluginRepository>
          <id>fetched</id><url>file://$HOME/.m2/repository</url>
          <releases><checksumPolicy>ignore</checksumPolicy></releases><snapshots><enabled>false</enabled></snapshots>
        </pluginRepository>
      </pluginRepositories>
    </profile>
  </profiles>
  <activeProfiles><activeProfile>outside</activeProfile></activeProfiles>
</settings>
END
cp -r examples/linux-app examples/android-library examples/llm-java "$work"
outside() { mvn -q -B -gs "$work/settings.xml" -Dmaven.repo.local="$work/local" -f "$work/$1" package; }

say "building android-library"
outside android-library
say "building linux-app"
outside linux-app
say "building llm-java"
outside llm-java

say "llm-java: writing, tuning, writing again"
model=$("$root/crosslm" model fetch smollm2-135m-instruct)
if compgen -G "$work/llm-java/target/lib/quarkus*" > /dev/null; then die "crosslm-llm brings Quarkus"; fi
cd "$work"
OMP_WAIT_POLICY=PASSIVE DJL_CACHE_DIR=${DJL_CACHE_DIR:-${CROSSLM_CACHE:-$HOME/.cache/crosslm}/djl} \
  java -Xmx512m -cp 'llm-java/target/llm-java-1.jar:llm-java/target/lib/*' com.example.PoliteModel \
  "$model" polite-adapter > replies 2> llm.log
python3 - replies polite-adapter <<'END'
import json, pathlib, re, struct, sys

lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
found = [re.fullmatch(pattern, line) for pattern, line in zip(
    (r"untuned: (.+)", r"loss: (\d\.\d{3}), then (\d\.\d{3})", r"tuned: (.+)"), lines)]
assert len(lines) == 3 and all(found), f"llm-java prints {lines}"
assert found[0][1] != found[2][1], f"the adapter changes nothing: {lines}"
assert float(found[1][2]) < float(found[1][1]), f"the loss does not fall: {lines[1]}"
folder = pathlib.Path(sys.argv[2])
config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
assert config["peft_type"] == "LORA" and config["r"] == 16, config
tensors = (folder / "adapter_model.safetensors").read_bytes()
names = json.loads(tensors[8 : 8 + struct.unpack("<Q", tensors[:8])[0]]).keys() - {"__metadata__"}
assert sum(name.endswith(".lora_A.weight") for name in names) * 2 == len(names) > 0, names
print("".join(f"       {line}\n" for line in lines), end="")
END

say "starting a coordinator"
"$root/crosslm" serve --data "$work/crosslm-data" --port 0 --mqtt-port 0 > coordinator.log 2>&1 &
coordinator=$!
until [ -f crosslm-data/endpoints.json ]; do
  kill -0 $coordinator 2> /dev/null || die "the coordinator ended"
  [ $SECONDS -lt 1200 ] || die "the coordinator does not get ready"
  sleep 0.2
done
"$root/crosslm" task add linux-app/mail.json
code=$("$root/crosslm" device invite --task mail | sed -n 's/^enrolment-code=//p')

say "starting linux-app"
mkfifo input
java -cp 'linux-app/target/mail-sorter-1.jar:linux-app/target/lib/*' com.example.MailSorter \
  storage linux-app/messages.tsv "$code" < input > output 2> app.log &
app=$!
exec 3> input
await() { # file, text
  for _ in $(seq 600); do
    if grep -q "$2" "$1"; then return; fi
    kill -0 $app 2> /dev/null || die "linux-app ended"
    sleep 0.1
  done
  die "linux-app does not say '$2'"
}
await app.log '^connected to'
echo "My mixer is broken again." >&3
await output '^no model before the first round$'

say "a round"
"$root/crosslm" round start mail --wait
await app.log 'round 1: trained'
echo "Could I bring the lamp on Monday at ten?" >&3
await output '^\(complaint\|question\|booking\) [01]\.[0-9][0-9] mail/'
exec 3>&-
wait $app || die "linux-app ended with status $?"
app=
say "linux-app: $(tail -n 1 output)"

say "the code works once"
if java -cp 'linux-app/target/mail-sorter-1.jar:linux-app/target/lib/*' com.example.MailSorter \
  elsewhere linux-app/messages.tsv "$code" < /dev/null 2> refused.log; then die "a used code enrols"; fi
grep -q '^EDGE-3005' refused.log

say "the examples are good"
