package io.crosslm.coordinator.tls;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.util.IPAddress;

/** Host names and addresses under which this machine is reached, as certificates have them. */
final class ServerNames {
    private ServerNames() {}

    /**
     * The loopback names, and those of the addresses to listen on; an address that means all of
     * them stands for every one that this machine has now.
     */
    static Set<String> of(Collection<String> hosts) {
        Set<String> names = new TreeSet<>(List.of("localhost", "127.0.0.1", normal("::1")));
        for (String host : hosts) {
            String name = host.replaceAll("[\\[\\]]", "");
            if (name.equals("0.0.0.0") || normal(name).equals(normal("::"))) {
                addAll(names);
            } else {
                names.add(normal(name));
            }
        }
        return names;
    }

    /** The names that a certificate is for. */
    static Set<String> of(X509Certificate certificate) {
        Set<String> names = new TreeSet<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                // A type and a value each.
                alternatives.forEach(entry -> names.add(normal(String.valueOf(entry.get(1)))));
            }
        } catch (CertificateParsingException e) {
            // A certificate without readable names is for none.
            names.clear();
        }
        return names;
    }

    static boolean isAddress(String name) {
        return IPAddress.isValid(name);
    }

    /** One spelling for each name. */
    private static String normal(String name) {
        if (!isAddress(name)) {
            return name.toLowerCase(Locale.ROOT);
        }
        try {
            return InetAddress.getByName(name).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("An address was looked up: " + name, e);
        }
    }

    private static void addAll(Set<String> names) {
        try {
            for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
                network.inetAddresses()
                        .filter(address -> !isLocalToItsLink(address))
                        .forEach(address -> names.add(withoutScope(address.getHostAddress())));
            }
            names.add(normal(InetAddress.getLocalHost().getHostName()));
        } catch (SocketException | UnknownHostException e) {
            // What cannot be listed can be set: crosslm.public-host and crosslm.tls.names.
            return;
        }
    }

    private static String withoutScope(String address) {
        int scope = address.indexOf('%');
        return scope < 0 ? address : address.substring(0, scope);
    }

    /** Such an address means something with the name of a network card only. */
    private static boolean isLocalToItsLink(InetAddress address) {
        return address instanceof Inet6Address && address.isLinkLocalAddress();
    }
}
