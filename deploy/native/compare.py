#!/usr/bin/env python3
"""Times the coordinator's native binary against the same program on a JVM, side by side.

usage: deploy/native/compare.py [--runs N] [--requests N]

Both start with the same settings, in turns, without a language model and with a broker that is not there: what is
measured is the program alone. Prints a Markdown table of medians and the ratio JVM / native. Build both first:
mvn package, then mvn package -Dnative (docs/how-to-native.md).
"""
import argparse
import http.client
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
APP = os.path.join(HOME, "coordinator", "app", "target")
TOKEN = "token-of-the-comparison"
WAIT = 60
CLIENTS = 4


def commands():
    """The two programs by name, as command lines."""
    programs = {
        "native": [os.path.join(APP, "native", "crosslm-coordinator"), "-Xmx256m"],
        "JVM": ["java", "-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-jar", os.path.join(APP, "quarkus-app", "quarkus-run.jar")],
    }
    for name, command in programs.items():
        program = command[0] if name == "native" else command[-1]
        if not os.path.exists(program):
            sys.exit(f"compare: {program} is not there; build it as docs/how-to-native.md says")
    return programs


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settings(folder, port, broker):
    return [
        f"-Dcrosslm.data-dir={folder}",
        f"-Dquarkus.http.port={port}",
        f"-Dcrosslm.mqtt.broker=mqtt://127.0.0.1:{broker}",
        f"-Dcrosslm.admin-token={TOKEN}",
        "-Dcrosslm.llm.model=none",
    ]


def command_line(command, options):
    """Options of a JVM stand before -jar; a binary takes them anywhere."""
    if "-jar" in command:
        at = command.index("-jar")
        return command[:at] + options + command[at:]
    return command + options


def answer(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Authorization": "Bearer " + TOKEN})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise RuntimeError("the system tells no VmRSS")


def throughput(port, requests):
    """Answers a second to CLIENTS clients that each keep their connection."""
    failures = []

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(requests // CLIENTS):
            connection.request("GET", "/v1/tasks", headers={"Authorization": "Bearer " + TOKEN})
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                failures.append(response.status)
                return

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit(f"compare: expected answers with status 200, but one has {failures[0]}")
    return requests / (time.perf_counter() - start)


def first_answer(process, port, path, start, log):
    """Seconds from the start to the first answer with status 200; before, the coordinator may say that it starts."""
    while True:
        try:
            if answer(port, path) == 200:
                return time.perf_counter() - start
        except OSError:
            pass
        if process.poll() is not None or time.perf_counter() - start > WAIT:
            sys.exit(f"compare: no answer to {path}; the coordinator's log is {log}")
        time.sleep(0.002)


def run(command, requests):
    folder = tempfile.mkdtemp(prefix="crosslm-compare-")
    port = free_port()
    log = open(os.path.join(folder, "log"), "wb")
    start = time.perf_counter()
    process = subprocess.Popen(
        command_line(command, settings(os.path.join(folder, "data"), port, free_port())), stdout=log, stderr=log)
    try:
        first = first_answer(process, port, "/q/health/live", start, log.name)
        operator = first_answer(process, port, "/v1/tasks", start, log.name)
        memory = resident(process.pid)
        throughput(port, requests)  # warms the JVM up
        rate = throughput(port, requests)
        return {
            "first answer (GET /q/health/live), ms": first * 1000,
            "first answer to the operator (GET /v1/tasks), ms": operator * 1000,
            "resident then, MB": memory,
            "GET /v1/tasks, answers a second": rate,
            f"resident after {2 * requests:,} answers, MB": resident(process.pid),
        }
    finally:
        process.terminate()
        process.wait(WAIT)
        log.close()
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description="Times the native coordinator against the JVM's.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--requests", type=int, default=4000)
    arguments = parser.parse_args()
    programs = commands()
    results = {name: [] for name in programs}
    for _ in range(arguments.runs):
        for name, command in programs.items():
            results[name].append(run(command, arguments.requests))
    print("| | native | JVM | JVM / native |\n|---|---|---|---|")
    for row in results["JVM"][0]:
        native = statistics.median(result[row] for result in results["native"])
        jvm = statistics.median(result[row] for result in results["JVM"])
        print(f"| {row} | {native:,.0f} | {jvm:,.0f} | {jvm / native:.2f} |")
    size = os.path.getsize(programs["native"][0]) / 1e6
    print(f"\nMedians of {arguments.runs} runs each, in turns. The binary has {size:,.0f} MB.")


if __name__ == "__main__":
    main()
