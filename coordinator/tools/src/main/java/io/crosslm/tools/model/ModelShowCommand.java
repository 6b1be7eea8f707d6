package io.crosslm.tools.model;
import picocli.CommandLine.Command;
@Command(name = "show")
final class ModelShowCommand {}
