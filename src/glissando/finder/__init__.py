"""The range test: at which rate does a training learn, and from which does it diverge?"""
