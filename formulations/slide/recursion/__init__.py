"""The recursion formulation: provisioning, bandwidths, speeds and times together, a MINLP."""
