"""What a CI job needs: workflow files, a fetch of just what a review reads, one comment kept up to date."""
